"""The service graph: endpoints, edges, stores and topics, linked from facts of all services."""
