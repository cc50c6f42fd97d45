"""The synthetic demo centre; nothing here comes from real people or places."""
