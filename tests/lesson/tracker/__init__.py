"""Tests of the variable tracker."""
