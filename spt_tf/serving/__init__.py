"""Takes a finished run out of the project: SavedModel, server, client, batch scoring."""
