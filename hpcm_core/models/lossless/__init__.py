"""Every pixel kept: an autoregressive model of the pixels themselves, after HPAC."""
