"""The papers of an evaluation as PDF: its report with annexes and the verification opinion, from checked data only."""
