"""What the services ask for, as protocols. May import the domain and nothing else."""
