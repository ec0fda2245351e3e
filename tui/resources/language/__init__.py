"""What a declaration is made of: resources, columns, cells, actions, forms, checks."""
