"""What a request's model asks for: its questions, their kinds, and answers written as text."""
