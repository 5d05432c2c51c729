// All this example needs to know of ours. For Akka.NET these would be Akka.Actor, Akka.Event, Akka.Pattern and Akka.Persistence.
global using ClusterTransfer.Actors;
global using ClusterTransfer.Actors.Pattern;
global using ClusterTransfer.Actors.Persistence;
