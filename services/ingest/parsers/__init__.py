"""What reads hostile documents: CPU only, each to be run in a worker process that can be killed."""
