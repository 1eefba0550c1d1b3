@echo off
rem Prints the cluster id, unregisters brokers.
call "%~dp0lib\ready.bat"
if errorlevel 1 exit /b 1
node "%~dp0..\..\dist\cli\kafka-cluster.js" %*
exit /b %errorlevel%
