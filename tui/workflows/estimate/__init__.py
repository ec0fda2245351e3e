"""What the requests of a file will take before they are sent: tokens, and dollars at what they cost lately."""
