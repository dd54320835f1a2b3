"""What a stack costs before and after a run, counted from its resources and this site's price books."""
