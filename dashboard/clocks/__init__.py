"""The three clocks of a case: calendars, policy and what follows from them (DOMAIN.md 3)."""
