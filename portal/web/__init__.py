"""The only floor that knows Flask: screens, the JSON API, one commit per request."""
