"""The pages: one router per subject, its form fields and view helpers."""
