"""What is promised and what is spent: guarantees in exact numbers, and the ledger of a budget."""
