"""`.github/tidewaiter.yml`: its model, how a file is read and what several of them say together."""
