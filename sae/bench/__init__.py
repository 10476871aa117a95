"""Speed: what an evaluation costs here and in other libraries."""
