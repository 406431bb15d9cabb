"""FLUX.1 through diffusers: the renderer."""
