"""One room a topic: which facts its answer shows, in which order."""
