"""The vocabulary: what manifests and adapters write, and flow, graph and rules read. Plain data, no behaviour."""
