"""What families of a hyperprior share: transforms, gains, z, and the frame of their steps in float and in integers."""
