"""What models generate: chat completions, responses, conversations, and the endpoints to try them."""
