"""Pure steps of the pipeline: no clock, no network, no store."""
