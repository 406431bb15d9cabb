"""Stable Diffusion's inpainting UNet with ControlNets through diffusers: the retoucher."""
