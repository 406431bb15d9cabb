"""What no schema knows of the manifests: one function per rule, over what `kubectl kustomize` makes of an overlay."""
