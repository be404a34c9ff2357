"""Kinds of the API group certificates.k8s.io.

- `signingrequest`: requests for certificates; `podcertificaterequest`: those of kubelets for pods.
- `trustbundle`: bundles of certificates that are trusted.
"""
