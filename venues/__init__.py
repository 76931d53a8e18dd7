"""Where they sit: centres and their seats, bookings, which sub venues may be drawn, pairing a browser with a seat."""
