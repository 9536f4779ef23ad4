"""Everything that turns the book into the published site: front end, execution, Sphinx extension, student notebooks."""
