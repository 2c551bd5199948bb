"""A small gRPC server with TF Serving's interface, for where TF Serving itself is not at hand."""
