"""Training of any variant. Importing this package does not import torch; its modules do."""
