"""Who sits: experts, who of them may be drawn, who is asked, who replaces whom. Rules only; it draws through `draw`."""
