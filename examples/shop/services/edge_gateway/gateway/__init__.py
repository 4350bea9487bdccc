"""The edge gateway: authenticates, fans out to the services behind it, joins their answers."""
