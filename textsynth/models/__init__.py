"""Networks that learn from the user's own corpus: language models, a text VAE, a latent GAN; trained, kept, sampled."""
