"""Drawing: styles, colours and lines, made harmless and legible; what stands already is not drawn again."""
