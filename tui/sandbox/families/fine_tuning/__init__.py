"""Fine-tuning: jobs, checkpoint permissions and graders."""
