"""The only SQL of the house: tables, transactions, indexes, objects, backup."""
