"""The program that goes to the clouds, deployed by Pulumi's own engine onto emulators on this machine."""
