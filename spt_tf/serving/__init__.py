"""Takes a finished run out of the project: SavedModel, servers, client, batch scoring."""
