"""Fine-tuning jobs, their events and checkpoints, and the check of training files."""
