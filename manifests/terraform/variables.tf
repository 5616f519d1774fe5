variable "repository" {
  description = "Repository on GitHub whose release workflow may push the image: owner/name."
  type        = string
  default     = "tidewaiter/tidewaiter"

  validation {
    condition     = can(regex("^[A-Za-z0-9-]+/[A-Za-z0-9._-]+$", var.repository))
    error_message = "Expected owner/name, without wildcards."
  }
}

variable "puller_arns" {
  description = "Principals that pull the image: the roles of the cluster's nodes."
  type        = list(string)
}
