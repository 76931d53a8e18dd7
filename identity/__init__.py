"""Who somebody is: roles, accounts, passwords, sessions and paired seats. Pure rules; owns no table and no page."""
