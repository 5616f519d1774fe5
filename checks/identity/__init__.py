"""Who may become an IAM role, and what the role may do."""
