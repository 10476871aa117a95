"""What `sae gradcheck` does: built-in problems and students' files, report and pictures."""
