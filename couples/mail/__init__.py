"""Mail: rows of an outbox that pages write, and a worker that sends them."""
