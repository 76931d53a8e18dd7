"""The only HTTP served, the only HTML: routes with their policy, pages, browser code. Decides nothing of a case."""
