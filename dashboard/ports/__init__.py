"""What the business needs from outside, one file a subject; data_access/ implements each of them."""
