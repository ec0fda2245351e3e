"""The answers to the parts of a campaign: joined, taken together over generations, sent again and merged."""
