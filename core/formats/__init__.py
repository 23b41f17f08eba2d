"""How the administration writes and reads dates; the portal's own pages write them out (core.templatetags.portal)."""
